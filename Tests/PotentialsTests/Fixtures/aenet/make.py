import os,random,math
random.seed(5)
def frame(i):
    a=4.0+0.05*random.random(); L=[[a,0,0],[0.1*random.random(),a,0],[0.2*random.random(),-0.1*random.random(),a]]
    el=[];x=[]
    for s in ((0,0,0),(.5,.5,0),(.5,0,.5),(0,.5,.5)):
        for e,sh in ((random.choice(['Li','Mn']),0),('O',.5)):
            f=(s[0]+sh,s[1],s[2]); el.append(e); x.append([sum(f[k]*L[k][d] for k in range(3))+random.uniform(-.25,.25) for d in range(3)])
    E=0; q={'Li':1,'Mn':3,'O':-2}
    for i_ in range(8):
        for j in range(8):
            for p in range(-1,2):
                for r in range(-1,2):
                    for t in range(-1,2):
                        d=[x[j][c]+p*L[0][c]+r*L[1][c]+t*L[2][c]-x[i_][c] for c in range(3)]; R=math.sqrt(sum(v*v for v in d))
                        if R<1e-6: continue
                        E+=0.5*(0.8*q[el[i_]]*q[el[j]]*math.exp(-R/1.5)/R+30*math.exp(-3*R))
    return L,el,x,E
os.makedirs('xsf',exist_ok=True)
files=[]
for i in range(24):
    L,el,x,E=frame(i); n='xsf/f%02d.xsf'%i; files.append('../'+n)
    open(n,'w').write('# total energy = %.10f eV\n\nCRYSTAL\nPRIMVEC\n'%E+''.join('%.10f %.10f %.10f\n'%tuple(v) for v in L)+'PRIMCOORD\n8 1\n'+''.join('%s %.10f %.10f %.10f 0.0 0.0 0.0\n'%((e,)+tuple(p)) for e,p in zip(el,x)))
env=['Li','O','Mn']; E={'Li':-0.5,'O':-1.25,'Mn':-2.0}
def inputs(d,stp,env_of,nets):
    os.makedirs(d,exist_ok=True)
    for k in env:
        open(f'{d}/{k}.stp','w').write('DESCR\n  a comparison with aenet\nEND DESCR\n\nATOM %s\n\nENV 3\n%s\n\nRMIN 0.55d0\n\n%s\n'%(k,'\n'.join(env_of[k]),stp(k)))
    open(f'{d}/generate.in','w').write('OUTPUT t.train\n\nTYPES\n3\n'+''.join('%s %r | eV\n'%(k,E[k]) for k in env)+'\nSETUPS\n'+''.join('%s %s.stp\n'%(k,k) for k in env)+'\nFILES\n%d\n'%len(files)+'\n'.join(files)+'\n')
    open(f'{d}/train.in','w').write('TRAININGSET t.train\nTESTPERCENT 10\nITERATIONS 5\n\nMETHOD\nbfgs\n\nNETWORKS\n'+nets)
    open(f'{d}/predict.in','w').write('TYPES\n3\nLi\nO\nMn\n\nNETWORKS\nLi Li.nn\nO O.nn\nMn Mn.nn\n\nFORCES\n')
cheb={'Li':'radial_Rc = 5.0  radial_N = 4 angular_Rc = 4.0  angular_N = 2','O':'radial_Rc = 4.5  radial_N = 3 angular_Rc = 4.5  angular_N = 3','Mn':'radial_Rc = 5.0  radial_N = 4 angular_Rc = 4.0  angular_N = 2'}
inputs('chebyshev',lambda k:'BASIS type=Chebyshev\n'+cheb[k],{'Li':['Li','O','Mn'],'O':['O','Mn','Li'],'Mn':['Li','O','Mn']},'Li Li.nn 2 3:tanh 2:twist\nO O.nn 1 4:sigmoid\nMn Mn.nn 2 3:mtanh 3:linear\n')
def fn(k):
    L=['G=4 type2=O type3=Li eta=0.01 lambda=-1.0 zeta=2.0 Rc=4.5','G=2 type2=Mn eta=0.05 Rs=0.0 Rc=5.0','G=2 type2=O eta=1.0 Rs=2.0 Rc=5.0','G=1 type2=Li Rc=4.0','G=3 type2=O kappa=1.5 Rc=4.5','G=5 type2=Mn type3=O eta=0.02 lambda=1.0 zeta=4.0 Rc=4.2']
    if k=='O': L=L[:-1]+['G=4 type2=Mn type3=Mn eta=0.02 lambda=1.0 zeta=3.0 Rc=5.0','G=5 type2=Li type3=Li eta=0.005 lambda=-1.0 zeta=16.0 Rc=4.0']
    return 'FUNCTIONS type=Behler2011\n%d\n'%len(L)+'\n'.join(L)
inputs('behler',fn,{k:env for k in env},'Li Li.nn 1 3:tanh\nO O.nn 1 3:tanh\nMn Mn.nn 1 3:tanh\n')
